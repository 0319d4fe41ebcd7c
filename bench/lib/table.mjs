/** How a figure is printed: as a line of JSON, or in a table for people. */

export function printRow(row) {
  console.log(JSON.stringify(row));
}

export function printTable(rows) {
  const lines = rows.map(({ bench, on, what, figure, unit, against, ratio, spread, goal }) => [
    bench,
    on,
    what,
    figure === undefined ? '' : `${shown(figure)} ${unit}`,
    against === undefined ? '' : `${shown(against)} ${unit}`,
    ratio === undefined ? '' : `${shown(ratio)} (${spread.map(shown).join(' to ')})`,
    goal ?? '',
  ]);
  const all = [['bench', 'on', 'what', 'measured', 'against', 'ratio, median (least to most)', 'goal'], ...lines];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  for (const line of all)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

/** Where figures say nothing: that they are there. */
export function printCounts(rowsOf) {
  for (const [name, rows] of Object.entries(rowsOf)) console.log(`bench ${name} ran: ${rows.length} figures`);
}

function shown(number) {
  return number >= 100 ? Math.round(number).toLocaleString('en') : number.toPrecision(3);
}
