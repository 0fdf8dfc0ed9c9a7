/**
 * The items of an iteration, fetched before they are asked for: at most `count` lie ready or on their way.
 * An iterator is asked for one item at a time.
 * @param until ends the waiting for an item: the iteration is then over.
 */
export async function* lookAhead<T>(
  iterator: AsyncIterator<T> | Iterator<T>,
  count: number,
  until: Promise<void>,
): AsyncGenerator<T, void> {
  const coming: Promise<IteratorResult<T>>[] = [];
  let last: Promise<IteratorResult<T> | undefined> = Promise.resolve(undefined);
  const fetch = () => {
    const next = last.then((before) => (before?.done ? before : iterator.next()));
    next.catch(() => {}); // told where it is waited for
    last = next;
    coming.push(next);
  };
  // Not a race with `until`, which would hold on to every item for as long as it stays open.
  const over = { done: true, value: undefined } as const;
  let isOver = false;
  let giveUp = () => {};
  until.then(() => {
    isOver = true;
    giveUp();
  });
  const waited = (item: Promise<IteratorResult<T>>) =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      giveUp = () => resolve(over);
      item.then(resolve, reject);
    });
  try {
    for (let i = 0; i < count; i++) fetch();
    while (!isOver) {
      const item = await waited(coming.shift() as Promise<IteratorResult<T>>);
      if (item.done) return;
      fetch();
      yield item.value;
    }
  } finally {
    // Not waited for: what the iterator waits for may never come.
    last.then(() => iterator.return?.()).catch(() => {});
  }
}
