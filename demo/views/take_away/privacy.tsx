/** What the page asks of others, and what holds it to that. */
export function Privacy() {
  return (
    <section class="panel" aria-labelledby="privacy-title">
      <h3 id="privacy-title">Nothing leaves this machine</h3>
      <p>
        Once it is ready, the page makes no request. A content security policy holds it, and the worker that trains, to
        the server it came from. A browser that keeps the page for offline use looks by itself for a newer one when it
        is opened; that carries nothing of yours.
      </p>
    </section>
  );
}
