export function DrawView() {
  return <p>Nothing here yet.</p>;
}
