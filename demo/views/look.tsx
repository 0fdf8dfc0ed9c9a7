export function LookView() {
  return <p>Nothing here yet.</p>;
}
