// Prints the files that @actions/glob finds in the working folder, a line each, as actions/upload-artifact v4 asks it.
// node real_glob.cjs FOLDER-WITH-NODE_MODULES true|false PATTERN...; the second says whether hidden files are included.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const [modules, hidden, ...patterns] = process.argv.slice(2);
const glob = createRequire(path.join(path.resolve(modules), 'index.js'))('@actions/glob');

async function main() {
  const globber = await glob.create(patterns.join('\n'), {
    followSymbolicLinks: true,
    implicitDescendants: true,
    omitBrokenSymbolicLinks: true,
    excludeHiddenFiles: hidden !== 'true',
  });
  for (const found of await globber.glob()) {
    if (!fs.statSync(found).isDirectory()) console.log(path.relative(process.cwd(), found));
  }
}

main();
