export function TableView() {
  return <p>Nothing here yet.</p>;
}
