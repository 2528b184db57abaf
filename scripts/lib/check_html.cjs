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

// In the page: clicks through a column of a table and tells what is wrong with what became of it.
async function sortingOf(page, place) {
  const table = page.locator('table.sortable').nth(place);
  const columns = await table.evaluate((element) => [...element.tHead.rows[0].cells].map((_, column) =>
    new Set([...element.tBodies[0].rows].map((row) => row.cells[column].textContent.trim())).size));
  const order = () => table.evaluate((element) => [...element.tBodies[0].rows].map((row) => row.textContent).join('\n'));
  const found = [];
  for (const [column, different] of columns.entries()) {
    const head = table.locator('thead th').nth(column);
    const button = head.locator('button');
    const seen = [await order()];
    for (const [turn, wanted] of ['ascending', 'descending', null].entries()) {
      // By keyboard, but for the first.
      if (turn === 0) await button.evaluate((element) => element.click());
      else await button.press(turn === 1 ? 'Enter' : 'Space');
      if (await head.getAttribute('aria-sort') !== wanted) found.push(`column ${column} is not marked ${wanted}`);
      if (await table.locator('th[aria-sort]').count() > 1) found.push('two columns are marked as sorted');
      seen.push(await order());
    }
    if (different > 1 && seen[1] === seen[2]) found.push(`column ${column} has one order in both directions`);
    if (seen[3] !== seen[0]) found.push(`column ${column} does not come back to the order of the report`);
  }
  return found.map((what) => `table ${place}: ${what}`);
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
    for (let place = 0; place < Math.min(tables, 12); place += 1) found.push(...await sortingOf(page, place));
  }
  await context.close();
  return { tables, found: [...new Set(found)].map((what) => `${scheme}, ${width} px: ${what}`) };
}

async function main([executablePath, pictures, ...reports]) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  let troubles = 0;
  for (const report of reports) {
    const looks = [];
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) looks.push(await lookAt(browser, report, scheme, width, pictures));
    }
    const found = looks.flatMap((look) => look.found);
    troubles += found.length;
    console.log(`${report}: ${found.length ? `${found.length} found` : `nothing found; tables to sort: ${looks[0].tables}`}`);
    for (const what of found) console.log(`  ${what}`);
  }
  await browser.close();
  return troubles ? 1 : 0;
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error) => {
  console.error(`check-html: ${error.message.split('\n')[0]}`);
  process.exitCode = 4;
});
