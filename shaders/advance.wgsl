// One invocation moves the state to the next minibatch, where no optimizer does.

struct State {
  step: u32,        // minibatch within the epoch
  next: u32,        // the one after it, while a minibatch is trained on
  rowCount: u32,    // rows in the epoch
  destination: u32, // first row to write, for kernels that fill a larger matrix
  fault: u32,       // first step with a value that is not finite; 0xffffffff for none
}

@group(0) @binding(0) var<storage, read_write> state: State;

@compute @workgroup_size(1)
fn advance() {
  state.step += 1u;
}
