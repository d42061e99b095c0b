import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/errors/index.ts';
import { CONFIG_KEYS, isLoopback, loadConfig } from '../../src/host/config/index.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'erlmcp-config-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const load = (file?: string, env: Record<string, string> = {}) => {
  if (file !== undefined) writeFileSync(join(home, 'erlmcp.json'), file);
  return loadConfig({ home, env });
};

function refusal(file?: string, env: Record<string, string> = {}): OperatorError {
  try {
    load(file, env);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('where values come from', () => {
  test('without a file, the defaults', () => {
    const config = load();
    expect(config.http.port).toBe(8080);
    expect(config.admin.port).toBe(9090);
    expect(config.bind).toBe('127.0.0.1');
    expect(config.limits.body_bytes).toBe(4 * 1024 * 1024);
    expect(config.timeouts.session_idle_s).toBe(24 * 3600);
    expect(config.timeouts.watch_s).toBe(3600);
    expect(config.timeouts.stdio_offline_s).toBe(30);
  });

  test('the file over the defaults, key by key', () => {
    const config = load('{"http": {"port": 8181}, "timeouts": {"watch_s": 60}}');
    expect(config.http.port).toBe(8181);
    expect(config.admin.port).toBe(9090);
    expect(config.timeouts.watch_s).toBe(60);
    expect(config.timeouts.linger_s).toBe(600);
  });

  test('the environment over the file', () => {
    const file = '{"http": {"port": 8181, "allowed_hosts": ["a.example"]}, "admin": {"port": 9191}}';
    const config = load(file, {
      ERLMCP_HTTP_PORT: '0',
      ERLMCP_HTTP_ALLOWED_HOSTS: 'b.example, c.example',
      ERLMCP_LOG_LEVEL: 'debug',
      ERLMCP_ADMIN_PORT: '',
      ERLMCP_INSECURE: 'true',
      ERLMCP_BIND: '0.0.0.0',
    });
    expect(config.http.port).toBe(0);
    expect(config.http.allowed_hosts).toEqual(['b.example', 'c.example']);
    expect(config.log.level).toBe('debug');
    expect(config.admin.port).toBe(9191);
    expect(config.bind).toBe('0.0.0.0');
  });

  test('the escalation matrix as a whole, from the file or as JSON from the environment', () => {
    const row = (severity: string) => ({ severity, response_time: '1 minute', path: 'all' });
    const file = JSON.stringify({ escalation: [row('P1')] });
    expect(load().escalation).toHaveLength(4);
    expect(load(file).escalation).toEqual([row('P1')]);
    expect(load(file, { ERLMCP_ESCALATION: JSON.stringify([row('P2')]) }).escalation).toEqual([row('P2')]);
    expect(refusal(file, { ERLMCP_ESCALATION: 'P1, P2' }).message).toContain('a list in JSON is needed');
    expect(refusal(file, { ERLMCP_ESCALATION: '[{"severity": "P1"}]' }).message).toContain(
      'ERLMCP_ESCALATION',
    );
    expect(refusal('{"escalation": [{"severity": "P1"}]}').message).toContain('line 1');
  });

  test('an empty object and a byte order mark are fine', () => {
    expect(load('\uFEFF{}\n').http.port).toBe(8080);
  });

  test('each key has its own variable', () => {
    const variables = CONFIG_KEYS.map(({ env }) => env);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables).toContain('ERLMCP_HTTP_PORT');
    expect(variables).toContain('ERLMCP_ADMIN_PORT');
    expect(variables).toContain('ERLMCP_BIND');
  });

  test('each duration and size says its unit in its key', () => {
    const numbers = CONFIG_KEYS.filter(({ key }) => /^(timeouts|log\.max|limits\..*byte|runner)/.test(key));
    for (const { key } of numbers) expect(key).toMatch(/_(ms|s|bytes|mb)$/);
  });
});

describe('what is refused, with line and path', () => {
  const twelve = `{
  "bind": "127.0.0.1",
  "log": {
    "level": "info",
    "files": 3
  },
  "contacts": {
    "on_call": "+1-555-0101",
    "lead": "L"
  },
  "http": {
    "port": "abc"
  }
}`;

  test('a wrong value', () => {
    const error = refusal(twelve);
    expect(error.reason).toBe('{bad_config, "erlmcp.json", 12, "http.port"}');
    expect(error.message).toContain('line 12, http.port: a value of type number is needed, but it is "abc"');
    expect(error.message).toContain(`Mend ${join(home, 'erlmcp.json')}`);
    expect(error.message).not.toContain('\n');
    expect(error.exitCode).toBe(1);
  });

  test.each([
    ['{"http":\n{"port": 70000}}', 2, 'http.port', 'at most 65535'],
    ['{"http":\n{"port": -1}}', 2, 'http.port', 'at least 0'],
    ['{"http":\n{"port": 1.5}}', 2, 'http.port', 'a whole number'],
    ['{\n\n"http": null}', 3, 'http', 'object'],
    ['{\n"log": {"level":\n"loud"}}', 2, 'log.level', 'one of "debug", "info", "warn", "error"'],
    ['{\n"insecure": "true"}', 2, 'insecure', 'boolean'],
    ['{"http": {\n"allowed_hosts": [\n"fine",\n7]}}', 4, 'http.allowed_hosts.1', 'string'],
    [
      '{"http": {\n"allowed_origins": [\n"example.com"]}}',
      3,
      'http.allowed_origins.0',
      'https://app.example.com',
    ],
    ['{"timeouts":\n{"session_idle_s": 0}}', 2, 'timeouts.session_idle_s', 'at least 1'],
    [
      '{"timeouts":\n{"watch_s": 1e30}}',
      2,
      'timeouts.watch_s',
      'watch_s: at most 2147483 is allowed, but it is 1e+30.',
    ],
    ['{\n"bind": "example.com"}', 2, 'bind', 'an IP address'],
    ['[]', 1, '', 'object'],
    ['\n7', 2, '', 'object'],
  ])('%j', (file, line, key, what) => {
    const error = refusal(file);
    expect(error.reason).toBe(`{bad_config, "erlmcp.json", ${line}, ${JSON.stringify(key)}}`);
    expect(error.sentence).toContain(what);
  });

  test('an unknown key, with the one that was meant', () => {
    const error = refusal('{\n  "http": {\n    "prot": 1\n  }\n}');
    expect(error.reason).toBe('{bad_config, "erlmcp.json", 3, "http.prot"}');
    expect(error.sentence).toContain('unknown key (did you mean "port"?)');
    expect(refusal('{\n"htpp": {}}').reason).toBe('{bad_config, "erlmcp.json", 2, "htpp"}');
    expect(refusal('{\n"completely_else": 1}').sentence).toMatch(/unknown key\.$/);
    expect(refusal('{\n"__proto__": {"port": 1}}').reason).toBe(
      '{bad_config, "erlmcp.json", 2, "__proto__"}',
    );
    expect(refusal('{"http": {\n"__proto__": 1}}').reason).toBe(
      '{bad_config, "erlmcp.json", 2, "http.__proto__"}',
    );
  });

  test('several at once: all are told, the first names the error', () => {
    const error = refusal('{\n"nope": 1,\n"http": {"port": "x"},\n"neither": 2}');
    expect(error.reason).toBe('{bad_config, "erlmcp.json", 2, "nope"}');
    expect(error.sentence).toMatch(/line 2, nope: .*; line 3, http\.port: .*; line 4, neither: /);
  });

  test('a key that stands twice', () => {
    const error = refusal('{\n"bind": "127.0.0.1",\n"bind": "::1"}');
    expect(error.reason).toBe('{bad_config, "erlmcp.json", 3, invalid_json}');
    expect(error.sentence).toContain('the key "bind" stands twice');
  });

  test.each([
    ['', 1, 1, 'the end of the file'],
    ['{\n  "http": {\n    "port": 1,\n  }\n}', 4, 3, 'a key in double quotes'],
    ['{\n  // ports\n}', 2, 3, 'a comment (JSON has none)'],
    ['{"bind": "127.0.0.1"', 1, 21, '"," or "}" was expected'],
    ["{'bind': 1}", 1, 2, 'a key in double quotes'],
    ['{"bind" 1}', 1, 9, '":" was expected'],
    ['{"bind": tru}', 1, 10, 'a value was expected'],
    ['{"bind": 01}', 1, 11, '"," or "}" was expected'],
    ['{"bind": "a\nb"}', 1, 10, 'a text'],
    ['{"bind": "a', 1, 10, 'a text is not closed'],
    ['{} {}', 1, 4, 'nothing may follow'],
    ['['.repeat(100_000), 1, 102, 'nested too deeply'],
  ])('no valid JSON: %.40j', (file, line, column, what) => {
    const error = refusal(file);
    expect(error.reason).toBe(`{bad_config, "erlmcp.json", ${line}, invalid_json}`);
    expect(error.sentence).toContain(`line ${line}, column ${column}: `);
    expect(error.sentence).toContain(what);
    expect(error.message).not.toContain('\n');
  });

  test('a file that can not be read', () => {
    mkdirSync(join(home, 'erlmcp.json'));
    expect(refusal().reason).toBe('{bad_config, "erlmcp.json", eisdir}');
  });

  test.each([
    ['ERLMCP_HTTP_PORT', 'http.port', 'abc', 'a number is needed, but it is "abc"'],
    ['ERLMCP_HTTP_PORT', 'http.port', '65536', 'at most 65535'],
    ['ERLMCP_HTTP_PORT', 'http.port', '80.5', 'a whole number'],
    ['ERLMCP_INSECURE', 'insecure', 'yes please', 'true or false'],
    ['ERLMCP_LOG_LEVEL', 'log.level', 'loud', 'one of'],
  ])('the environment: %s of %s = %s', (variable, key, value, what) => {
    const error = refusal(undefined, { [variable]: value });
    expect(error.reason).toBe(`{bad_config, env, "${variable}", "${key}"}`);
    expect(error.sentence).toContain(what);
  });

  test('a wrong file is refused even where the environment overrides it', () => {
    expect(refusal('{"http": {"port": "x"}}', { ERLMCP_HTTP_PORT: '1' }).reason).toContain('"erlmcp.json"');
  });
});

describe('what only several keys together tell', () => {
  test.each(['0.0.0.0', '::', '192.168.1.1', '10.0.0.1', '::ffff:127.0.0.1'])(
    'a bind of %s needs "insecure"',
    (bind) => {
      const error = refusal(`{\n"bind": "${bind}"}`);
      expect(error.reason).toBe('{bad_config, "erlmcp.json", 2, "bind"}');
      expect(error.sentence).toContain('"insecure": true');
      expect(load(`{"bind": "${bind}", "insecure": true}`).bind).toBe(bind);
    },
  );

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s is loopback', (bind) => {
    expect(isLoopback(bind)).toBe(true);
    expect(load(`{"bind": "${bind}"}`).bind).toBe(bind);
  });

  test('a bind from the environment is named as such', () => {
    expect(refusal('{}', { ERLMCP_BIND: '0.0.0.0' }).reason).toBe('{bad_config, env, "ERLMCP_BIND", "bind"}');
  });

  test('one port twice, wherever it comes from', () => {
    expect(refusal('{\n"http": {"port": 9090}}').reason).toBe('{bad_config, default, "admin.port"}');
    expect(refusal('{"admin": {\n"port": 8080}}').reason).toBe(
      '{bad_config, "erlmcp.json", 2, "admin.port"}',
    );
    expect(load('{"http": {"port": 0}, "admin": {"port": 0}}').admin.port).toBe(0);
  });

  test('a shortest wait above the longest', () => {
    const error = refusal('{"runner": {\n"restart_min_ms": 5000,\n"restart_max_ms": 100}}');
    expect(error.reason).toBe('{bad_config, "erlmcp.json", 2, "runner.restart_min_ms"}');
  });
});
