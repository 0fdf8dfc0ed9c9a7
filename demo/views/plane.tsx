export function PlaneView() {
  return <p>Nothing here yet.</p>;
}
