/** Owns the environment variables as plain data: read once, at the composition root. */

export type Environment = Readonly<Record<string, string | undefined>>;
