/**
 * Detached Ed25519 signatures of packages: `<package>.sig` holds the base64 of the 64 bytes that sign all bytes of the package. The
 * package holds its own version, so a signature can not be moved to another one. `openssl pkeyutl -rawin` makes and checks the same.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OperatorError, tuple } from '../errors/index.ts';
import type { VerifiedPackage } from './checksum.ts';

const SIGNATURE_BYTES = 64;
const MAX_FILE_BYTES = 1_024;
/** What precedes the 32 bytes of a public key in its DER form (RFC 8410). */
const DER_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

// With a callback they leave the thread: a package may have 64 MiB.
const signAside = promisify<null, Buffer, KeyObject, Buffer>(sign);
const verifyAside = promisify<null, Buffer, KeyObject, Buffer, boolean>(verify);

export const signaturePath = (packagePath: string): string => `${packagePath}.sig`;

/** @param text PEM (`BEGIN PUBLIC KEY`), or base64 of its DER form or of the 32 bytes alone; undefined: it is none of Ed25519 */
export function parsePublicKey(text: string): KeyObject | undefined {
  try {
    const key = text.includes('-----') ? publicFromPem(text) : publicFromBase64(text);
    return key?.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A private key would pass too, and does not belong into a configuration. */
const publicFromPem = (text: string): KeyObject | undefined =>
  text.includes('PRIVATE KEY') ? undefined : createPublicKey(text.replaceAll('\\n', '\n'));

function publicFromBase64(text: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const der = bytes.length === KEY_BYTES ? Buffer.concat([DER_HEAD, bytes]) : bytes;
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** Short and the same for every form of a key: the first 16 hexadecimal digits of the SHA-256 of its DER form. */
export const fingerprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 16);

/** Reads a private key in PEM form, as `openssl genpkey -algorithm ed25519` writes it. Throws `{bad_signing_key, Path}`. */
export async function readSigningKey(path: string): Promise<KeyObject> {
  try {
    const key = createPrivateKey(await readFile(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
  } catch (cause) {
    throw new OperatorError(
      tuple('bad_signing_key', path),
      `It is no Ed25519 private key without a passphrase (${cause instanceof Error ? cause.message : cause}).`,
      'Make one with: openssl genpkey -algorithm ed25519 -out key.pem',
      { cause },
    );
  }
}

/** @returns the text of the signature's file */
export const signPackage = async (content: Buffer, key: KeyObject): Promise<string> =>
  `${(await signAside(null, content, key)).toString('base64')}\n`;

/**
 * @param trusted public keys as in the configuration; one of them has to have signed
 * @returns the fingerprint of the key that has; undefined where no keys are given
 * @throws OperatorError `{signature_missing, Vsn}` or `{signature_invalid, Vsn}`
 */
export async function verifySignature(
  { path, file, content }: VerifiedPackage,
  vsn: string,
  trusted: readonly string[],
): Promise<string | undefined> {
  if (trusted.length === 0) return undefined;
  const signature = await readSignature(path, file, vsn);
  for (const text of trusted) {
    const key = parsePublicKey(text);
    if (key && (await verifyAside(null, content, key, signature))) return fingerprint(key);
  }
  throw invalid(vsn, `${file}.sig was not made for this package by a key of release.trusted_keys.`);
}

async function readSignature(path: string, file: string, vsn: string): Promise<Buffer> {
  const { size } = await stat(signaturePath(path)).catch((cause: unknown) => {
    throw new OperatorError(
      tuple('signature_missing', vsn),
      `This node takes signed packages alone, and there is no ${file}.sig.`,
      'Put the signature beside the package; `erlmcp release build --sign` makes it.',
      { cause },
    );
  });
  const text = size > MAX_FILE_BYTES ? '' : await readFile(signaturePath(path), 'utf8');
  const signature = Buffer.from(text.trim(), 'base64');
  if (signature.length === SIGNATURE_BYTES) return signature;
  throw invalid(vsn, `${file}.sig is not the base64 of a signature's ${SIGNATURE_BYTES} bytes.`);
}

const invalid = (vsn: string, sentence: string): OperatorError =>
  new OperatorError(
    tuple('signature_invalid', vsn),
    sentence,
    'Get package and signature anew from where they were made, and check whose key it was.',
  );

/** Whether it was refused for want of a signature that counts. */
export const isSignatureRefusal = (error: unknown): boolean =>
  error instanceof OperatorError && /^\{signature_(missing|invalid)\b/.test(error.reason);
