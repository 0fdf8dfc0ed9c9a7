/** What can be taken out of the page: the model, its history, its settings, the code. */
export function TakeAway() {
  return <p>Nothing here yet.</p>;
}
