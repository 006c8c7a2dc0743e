import type { Header } from "./header-rules.ts";

/** A credential that only the host holds. */
export interface Secret {
  readonly name: string;
  readonly value: string;
  /** What the guest has in its place. */
  readonly placeholder: string;
  /** Where it may go. */
  readonly origins: ReadonlySet<string>;
  /** The header that the host sets by itself, in lower case. */
  readonly header: string | undefined;
}

export function placeholderOf(name: string): string {
  return `{{secret.${name}}}`;
}

export type Filled =
  | { readonly headers: readonly Header[]; readonly used: readonly Secret[] }
  | { readonly misdirected: Secret };

/**
 * Puts the secrets into the headers of one request to `origin`. A placeholder on its way to a host that the secret is
 * not for refuses the request: it was meant to be a credential there.
 */
export function fillSecrets(secrets: readonly Secret[], origin: string, headers: readonly Header[]): Filled {
  const used = new Set<Secret>();
  let filled = headers;
  for (const secret of secrets) {
    const here = secret.origins.has(origin);
    if (filled.some(([, value]) => value.includes(secret.placeholder))) {
      if (!here) return { misdirected: secret };
      used.add(secret);
      filled = filled.map(([name, value]) => [name, value.replaceAll(secret.placeholder, () => secret.value)]);
    }
    if (here && secret.header !== undefined) {
      used.add(secret);
      filled = [...filled.filter(([name]) => !sameHeader(name, secret.header)), [secret.header, secret.value]];
    }
  }
  return { headers: filled, used: [...used] };
}

/** Whether a server may take one name for the other. */
function sameHeader(name: string, other: string | undefined): boolean {
  return name.replaceAll("_", "-") === other?.replaceAll("_", "-");
}

/** Whether a header value of the guest's holds any placeholder. */
export function holdsSecret(secrets: readonly Secret[], value: string): boolean {
  return secrets.some(({ placeholder }) => value.includes(placeholder));
}

/** Takes the secrets out of text that comes back. */
export function maskText(secrets: readonly Secret[], text: string): string {
  let masked = text;
  // The longer first: of one that begins with another the rest would stay.
  const byLength = secrets.toSorted((one, other) => other.value.length - one.value.length);
  for (const { value, placeholder } of byLength) masked = masked.replaceAll(value, () => placeholder);
  return masked;
}
