/** The class with the highest score; the first of equal ones. */
export function winnerOf(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
  return best;
}

/** The highest score of the others. */
export function rivalOf(scores: ArrayLike<number>, own: number): number {
  let best = own === 0 ? 1 : 0;
  for (let i = best + 1; i < scores.length; i++) {
    if (i !== own && (scores[i] as number) > (scores[best] as number)) best = i;
  }
  return best;
}
