import { smtpOptions } from './smtp-options.js';

describe('the connection to a mail server', () => {
  it('demands STARTTLS of a server on another machine, with a valid certificate', () => {
    expect(smtpOptions('smtp://mail.example.com')).toMatchObject({
      host: 'mail.example.com',
      port: 587,
      secure: false,
      requireTLS: true,
      ignoreTLS: false,
      tls: { rejectUnauthorized: true },
    });
  });

  it('is encrypted from the start with smtps', () => {
    const options = smtpOptions('smtps://door%40acme:p%25ss%2Fword@mail.example.com');
    expect(options).toMatchObject({ port: 465, secure: true, ignoreTLS: false, auth: { user: 'door@acme', pass: 'p%ss/word' } });
    expect(smtpOptions('smtps://localhost')).toMatchObject({ secure: true, tls: { rejectUnauthorized: true } });
  });

  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])('is plain to a relay on this machine: %s', (host) => {
    expect(smtpOptions(`smtp://${host}:2525`)).toMatchObject({ port: 2525, requireTLS: false, ignoreTLS: true });
  });

  it.each(['localhost.example.com', '127.0.0.1.example.com', '10.0.0.1', 'notlocalhost'])('counts %s as another machine', (host) => {
    expect(smtpOptions(`smtp://${host}`)).toMatchObject({ requireTLS: true, ignoreTLS: false });
  });

  it('lets nothing in the address switch the checks off', () => {
    const options = smtpOptions('smtp://mail.example.com?requireTLS=false&ignoreTLS=true&tls.rejectUnauthorized=false');
    expect(options).toMatchObject({ requireTLS: true, ignoreTLS: false, tls: { rejectUnauthorized: true } });
  });
});
