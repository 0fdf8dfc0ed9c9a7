/**
 * One call at a time; of those that come meanwhile only the last is made.
 * @param call answers one request; it handles its own errors.
 */
export function latestWins<Request>(call: (request: Request) => Promise<void>): (request: Request) => void {
  let waiting: [Request] | undefined;
  let running = false;
  const run = async () => {
    running = true;
    try {
      for (let next = waiting; next; next = waiting) {
        waiting = undefined;
        await call(next[0]);
      }
    } finally {
      running = false;
    }
  };
  return (request) => {
    waiting = [request];
    if (!running) void run();
  };
}
