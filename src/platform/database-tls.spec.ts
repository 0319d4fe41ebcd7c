import { isDatabaseSafe, withVerifiedTls } from './database-tls.js';

describe('the way to the database', () => {
  it.each(['prefer', 'require', 'verify-ca'])('is checked in full with %s', (mode) => {
    expect(withVerifiedTls(`postgresql://db/acme?sslmode=${mode}&application_name=x`)).toBe(
      'postgresql://db/acme?sslmode=verify-full&application_name=x',
    );
  });

  it.each([
    'postgresql://u:p@localhost/acme',
    'postgresql://u:p@[::1]:5432/acme',
    'postgresql:///acme?host=/var/run/postgresql',
    'postgresql://u:p@db.example.com/acme?sslmode=verify-full',
    'postgresql://u:p@db.example.com/acme?sslmode=require',
  ])('is safe by %s', (url) => {
    expect(isDatabaseSafe(url)).toBe(true);
  });

  it.each([
    'postgresql://u:p@db.example.com/acme',
    'postgresql://u:p@localhost/acme?host=db.example.com',
    'postgresql://u:p@db.example.com/acme?sslmode=disable',
    'postgresql://u:p@db.example.com/acme?sslmode=no-verify',
    'postgresql://u:p@db.example.com/acme?uselibpqcompat=true&sslmode=require',
  ])('is not safe by %s', (url) => {
    expect(isDatabaseSafe(url)).toBe(false);
  });
});
