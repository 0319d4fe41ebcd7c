/** Comma-separated values (RFC 4180), harmless to open in a spreadsheet. */

export type Cell = string | number | null;

/** One line with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  const text = defused(cell === null ? '' : String(cell));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet would read these as the beginning of a formula, the wide ones too (OWASP: CSV injection). In half of Europe it
 * takes a semicolon for the end of a cell, whatever stands in quotes, and a formula could begin behind it.
 */
function defused(text: string): string {
  return text.replace(/(^|;) *(?=[=+\-@\t\r\n＝＋－＠])/g, "$&'");
}
