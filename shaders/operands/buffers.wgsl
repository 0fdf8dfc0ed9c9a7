// The packed operands of a product in buffers.
@group(1) @binding(0) var<storage, read> left: array<vec4f>;
@group(1) @binding(1) var<storage, read> right: array<vec4f>;

fn leftAt(i: u32) -> vec4f {
  return left[i];
}

fn rightAt(i: u32) -> vec4f {
  return right[i];
}
