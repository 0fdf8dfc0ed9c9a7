// Contenders take turns, so that whatever else the machine does meets all of them.

/** What each contender gave in each round, by its name. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** Runs every contender once in each round, in their order. */
export async function interleave<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Rounds<Name>> {
  const entries = Object.entries(contenders) as [Name, () => Promise<number>][];
  const values = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of entries) values[name].push(await measure());
  }
  return values;
}
