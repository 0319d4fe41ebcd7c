/** What the sources never do, so that no input can be made to do it (OWASP ASVS 5.0, 1.2.5, 1.2.9, 1.3.2, 14.3.3). */
import { importsOf, read, sourceFiles } from './sources.js';

const filesWith = (pattern: RegExp) => sourceFiles().filter((path) => pattern.test(read(path)));

describe('the sources', () => {
  it('start no other program, thread or context', () => {
    expect(sourceFiles().length).toBeGreaterThan(100);
    const importers = (forbidden: RegExp) => sourceFiles().filter((path) => importsOf(path).some((name) => forbidden.test(name)));
    expect(importers(/^(node:)?(child_process|vm|worker_threads)$/)).toEqual([]);
    // Itself, where an operator asks for several processes, and always in the same way.
    expect(importers(/^(node:)?cluster$/)).toEqual(['src/commands/worker.ts', 'src/commands/workers.ts']);
    expect(filesWith(/setupPrimary\(/)).toEqual(filesWith(/setupPrimary\(\{ args: \['start'\] \}\)/));
    expect(filesWith(/\bfork\((?!\)|workerMark\))/)).toEqual([]);
  });

  it('evaluate no text as code, as a regular expression or as a template', () => {
    expect(filesWith(/\beval\(|\bnew Function\(|\bsetTimeout\(\s*['"`]/)).toEqual([]);
    expect(filesWith(/\bRegExp\(/)).toEqual([]);
    expect(filesWith(/\brenderString\b|\bnunjucks\.compile\b/)).toEqual([]);
  });

  it('begin nothing of their own accord that a command would begin, too', () => {
    expect(filesWith(/OnApplicationBootstrap/i)).toEqual(['src/platform/background-work.ts']);
  });

  it('ask other machines for something in one place, and switch no check of a certificate off', () => {
    expect(filesWith(/\bfetch\(/)).toEqual(['src/sms/vonage-client.ts']);
    expect(filesWith(/import \{[^}]*\b(request|get|connect|createConnection)\b[^}]*\} from '(node:)?(http|https|http2|net|tls)'/)).toEqual(
      [],
    );
    expect(filesWith(/rejectUnauthorized: false|NODE_TLS_REJECT_UNAUTHORIZED/)).toEqual([]);
  });
});

describe('the script in the pages', () => {
  it('keeps nothing in the browser, and writes text, never markup', () => {
    const script = read('public/gatehouse.js');
    expect(script).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie|caches\b/);
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|postMessage/);
    expect(script).toMatch(/textContent/);
  });
});
