// scripts/check-html in the browser: check_html.cjs BROWSER PICTURES REPORT..., PICTURES may be empty.
'use strict';
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const axe = require('axe-core');

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const WIDTHS = [390, 1280];
const GIVE_UP_MS = 300_000; // on a machine that has other things to do
const SCHEMES = ['light', 'dark'];

// Clicks through every column of every table and tells what is wrong with what became of it.
const sorting = (page) => page.evaluate(() => {
  const found = [];
  document.querySelectorAll('table.sortable').forEach((table, place) => {
    const say = (what) => found.push(`table ${place} (${table.caption.textContent}): ${what}`);
    const order = () => [...table.tBodies[0].rows].map((row) => row.textContent).join('\n');
    for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
      const values = new Set([...table.tBodies[0].rows].map((row) => row.cells[column].textContent.trim()));
      for (const untold of ['', '?', '-']) values.delete(untold); // last in both directions
      const button = head.querySelector('button');
      if (!button) {
        say(`column ${column} has no button`);
        continue;
      }
      const orders = [order()];
      for (const wanted of ['ascending', 'descending', null]) {
        button.click();
        if (head.getAttribute('aria-sort') !== wanted) say(`column ${column} is not marked ${wanted}`);
        if (table.querySelectorAll('th[aria-sort]').length > 1) say('two columns are marked as sorted');
        orders.push(order());
      }
      if (values.size > 1 && orders[1] === orders[2]) say(`column ${column} has one order in both directions`);
      if (orders[3] !== orders[0]) say(`column ${column} does not come back to the order of the report`);
    }
  });
  return found;
});

// The same of one column as somebody without a mouse does it.
async function sortingByKeyboard(page) {
  const head = page.locator('table.sortable thead th').first();
  const found = [];
  if (!await head.locator('button').count()) return found;
  for (const [key, wanted] of [['Enter', 'ascending'], ['Space', 'descending'], ['Enter', null]]) {
    await head.locator('button').press(key);
    if (await head.getAttribute('aria-sort') !== wanted) found.push(`${key} on the first column does not make it ${wanted}`);
  }
  return found;
}

async function axeOn(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map((one) => `axe: ${one.id}: ${one.help}: ${one.nodes[0].target.join(' ')} (${one.nodes.length})`);
}

const overflow = (page) => page.evaluate(() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth ? [`overflows: ${root.scrollWidth} of ${root.clientWidth} pixels`] : [];
});

const deadLinks = (page) => page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
  .filter((link) => !document.getElementById(link.hash.slice(1))).map((link) => `${link.hash} leads nowhere`));

const unfold = (page) => page.evaluate(() => {
  for (const one of document.querySelectorAll('details')) one.open = true;
});

async function lookAt(browser, report, scheme, width, pictures) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(GIVE_UP_MS);
  const found = [];
  page.on('console', (message) => message.type() === 'error' && found.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  const url = pathToFileURL(report).href;
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) found.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  const name = `${path.basename(path.dirname(report))}-${width}-${scheme}`;
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true, timeout: GIVE_UP_MS });
  found.push(...await overflow(page), ...await axeOn(page), ...await deadLinks(page));
  const tables = await page.locator('table.sortable').count();
  await unfold(page);
  found.push(...await overflow(page));
  // Colours do not depend on the width, nor the order of rows on colours.
  if (width === WIDTHS[1]) found.push(...await axeOn(page));
  if (width === WIDTHS[0] && scheme === SCHEMES[0]) {
    found.push(...await sorting(page), ...tables ? await sortingByKeyboard(page) : []);
  }
  await context.close();
  return { tables, found: [...new Set(found)].map((what) => `${scheme}, ${width} px: ${what}`) };
}

async function troublesOf(browser, report, pictures) {
  const looks = [];
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) looks.push(await lookAt(browser, report, scheme, width, pictures));
  }
  const found = looks.flatMap((look) => look.found);
  console.log(`${report}: ${found.length ? `${found.length} found` : `nothing found; tables to sort: ${looks[0].tables}`}`);
  for (const what of found) console.log(`  ${what}`);
  return found.length;
}

async function main([executablePath, pictures, ...reports]) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  let troubles = 0;
  try {
    for (const report of reports) troubles += await troublesOf(browser, report, pictures);
  } finally {
    // Whatever happened: while it runs, this program does not end.
    await browser.close();
  }
  return troubles ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error) => {
  console.error(`check-html: ${error.message.split('\n')[0]}`);
  process.exitCode = 4;
});
