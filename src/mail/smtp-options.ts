/** How nodemailer connects to SMTP_URL. Read here and not by nodemailer, which lets the address switch its checks off. */
import type { SMTPTransportOptions } from 'nodemailer';
import { seconds } from '../platform/clock.js';
import { isLoopback } from '../platform/loopback.js';

/** Mail goes out encrypted, to a server with a valid certificate (OWASP ASVS 5.0, 12.3.1, 12.3.2), or within this machine. */
export function smtpOptions(smtpUrl: string): SMTPTransportOptions {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'smtps:';
  const isLocal = isLoopback(host);
  return {
    host,
    port: port === '' ? defaultPort(secure) : Number(port),
    secure,
    requireTLS: !secure && !isLocal,
    // A relay on this machine offers STARTTLS with a certificate that nobody signed.
    ignoreTLS: !secure && isLocal,
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: seconds(5),
    dnsTimeout: seconds(5),
    greetingTimeout: seconds(5),
    socketTimeout: seconds(10),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 8314, section 3.3, and RFC 6409. */
function defaultPort(secure: boolean): number {
  return secure ? 465 : 587;
}
