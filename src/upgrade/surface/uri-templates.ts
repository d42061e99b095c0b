/** Whether a URI can be one of a template's (RFC 6570), told from its literal parts alone, in time that grows with their lengths. */

/** @returns true for any URI that has the literal parts in their order; each expression stands for any text */
export function matchesTemplate(uri: string, template: string): boolean {
  const [first = '', ...rest] = template.split(/\{[^}]*\}/);
  const last = rest.pop();
  if (last === undefined) return uri === template;
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false;
  const end = uri.length - last.length;
  let at = first.length;
  for (const literal of rest) {
    const found = uri.indexOf(literal, at);
    if (found < 0 || found + literal.length > end) return false;
    at = found + literal.length;
  }
  return true;
}
