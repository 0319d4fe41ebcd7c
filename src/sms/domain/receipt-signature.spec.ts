import { after, minutes, seconds } from '../../platform/clock.js';
import { isSigned, signatureOf } from './receipt-signature.js';

const secret = 'A signature secret of the account';
const parameters = {
  msisdn: '31612345678',
  to: 'A&B=C',
  'network-code': '20416',
  messageId: '0C000000217B7F02',
  price: '0.07250000',
  status: 'delivered',
  scts: '2611241200',
  'err-code': '0',
  'api-key': 'abcd1234',
  'client-ref': '0198c9b6-0000-7000-8000-000000000000',
  'message-timestamp': '2026-11-24 12:00:15',
  timestamp: '1795521615',
  nonce: '0f1e2d3c',
};
const now = new Date(1_795_521_615_000);
/**
 * By OpenSSL, and not by us:
 * printf '%s' '&api-key=abcd1234&client-ref=…&err-code=0&…&timestamp=1795521615&to=A_B_C' | openssl dgst -sha256 -hmac "$secret"
 */
const sig = 'b72a3810e5c5e7740dd43d1e346181a7c2841e5f748bf3730636259aa54a88df';

describe('the signature of a delivery receipt', () => {
  it('is what OpenSSL makes of the parameters by name, with & and = in their values made to _', () => {
    expect(signatureOf(parameters, secret)).toBe(sig);
  });

  it('does not depend on the order of the parameters, nor on a signature among them', () => {
    const reversed = Object.fromEntries(Object.entries(parameters).reverse());
    expect(signatureOf({ sig: 'something', ...reversed }, secret)).toBe(sig);
  });

  it('is taken in small letters and in capitals', () => {
    for (const given of [sig, sig.toUpperCase()]) expect(isSigned({ ...parameters, sig: given }, secret, now)).toBe(true);
  });

  it.each([
    ['with another secret', { sig }, 'another secret'],
    ['without one', {}, secret],
    ['that is empty', { sig: '' }, secret],
    ['that is cut', { sig: sig.slice(0, -1) }, secret],
    ['with something behind it', { sig: `${sig}0` }, secret],
    ['over another value', { sig, status: 'failed' }, secret],
    ['over a parameter less', { sig, extra: '' }, secret],
  ])('is refused %s', (_, part, by) => {
    expect(isSigned({ ...parameters, ...part }, by, now)).toBe(false);
  });

  it('lasts five minutes before and after its time', () => {
    const signed = { ...parameters, sig };
    for (const away of [minutes(5), -minutes(5)]) {
      expect(isSigned(signed, secret, after(now, away))).toBe(true);
      expect(isSigned(signed, secret, after(now, away + Math.sign(away) * seconds(1)))).toBe(false);
    }
  });

  it.each([undefined, '', 'now', '1795521615.0', ' 1795521615', '+1795521615', '1795521615000', '0x6b056a4f', '-1795521615'])(
    'is refused with the time %p, though it was signed',
    (timestamp) => {
      const { timestamp: _, ...timeless } = parameters;
      const given = timestamp === undefined ? timeless : { ...timeless, timestamp };
      expect(isSigned({ ...given, sig: signatureOf(given, secret) }, secret, now)).toBe(false);
    },
  );
});
