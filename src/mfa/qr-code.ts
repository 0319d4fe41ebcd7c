/** A QR code as one SVG path, drawn on the server: no image, no script, nothing for the page's policy to allow. */
import QRCode from 'qrcode';

/** Modules of white on each side (ISO/IEC 18004). */
const quietZone = 4;

export type QrCode = { readonly size: number; readonly path: string };

/** @returns the side in modules, quiet zone included, and the dark modules as a path */
export function qrCode(text: string): QrCode {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const cells = Array.from({ length: modules.size ** 2 }, (_, index) => [index % modules.size, Math.floor(index / modules.size)] as const);
  const dark = cells.filter(([x, y]) => modules.get(y, x));
  return { size: modules.size + 2 * quietZone, path: dark.map(([x, y]) => `M${x + quietZone} ${y + quietZone}h1v1h-1z`).join('') };
}
