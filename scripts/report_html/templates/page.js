'use strict';
// Tables to sort by any column, and details that open where a link leads to them. Without it all is there, too.
(() => {
  // Words in which nothing is told: last in either direction.
  const untold = new Set(['', '?', '-']);
  const words = new Intl.Collator('en', { numeric: true });

  function compare(a, b) {
    const numbers = [parseFloat(a), parseFloat(b)];
    if (!numbers.some(Number.isNaN) && numbers[0] !== numbers[1]) return numbers[0] - numbers[1];
    return words.compare(a, b);
  }

  function sort(body, rows, column, sign) {
    const keyed = rows.map((row, place) => ({ row, place, key: row.cells[column].textContent.trim() }));
    keyed.sort((a, b) => {
      const unknown = untold.has(a.key) - untold.has(b.key);
      return unknown || sign * compare(a.key, b.key) || a.place - b.place;
    });
    body.append(...keyed.map(({ row }) => row));
  }

  // One click sorts upwards, the next downwards, the third brings the order of the report back.
  const next = { none: 'ascending', ascending: 'descending', descending: 'none' };

  for (const table of document.querySelectorAll('table.sortable')) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const order = next[head.getAttribute('aria-sort') || 'none'];
        for (const other of heads) other.removeAttribute('aria-sort');
        if (order === 'none') {
          body.append(...rows);
        } else {
          head.setAttribute('aria-sort', order);
          sort(body, rows, column, order === 'ascending' ? 1 : -1);
        }
      });
    });
  }

  function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) {
      if (at.localName === 'details') at.open = true;
    }
    if (target && target.localName === 'details') target.scrollIntoView();
  }
  window.addEventListener('hashchange', openTarget);
  openTarget();
})();
