// What an adapter can do at best: multiply-adds that wait for nothing, and reads in a row.

@group(0) @binding(0) var<storage, read_write> output: array<vec4f>; // one value a thread, so that nothing is left out
@group(0) @binding(1) var<storage, read> source: array<vec4f>;

// Each entry point does 16 multiply-adds of vec4f a round, so that the loop itself costs little.
const rounds = 4096u;

fn twice(value: vec4f) -> vec4f {
  const factor = vec4f(0.999);
  const addend = vec4f(0.001);
  return fma(fma(value, factor, addend), factor, addend);
}

@compute @workgroup_size(64)
fn fma2(@builtin(global_invocation_id) id: vec3u) {
  var a = vec4f(f32(id.x));
  var b = a + 1;
  for (var i = 0u; i < rounds; i++) {
    a = twice(twice(twice(twice(a))));
    b = twice(twice(twice(twice(b))));
  }
  output[id.x] = a + b;
}

@compute @workgroup_size(64)
fn fma4(@builtin(global_invocation_id) id: vec3u) {
  var a = vec4f(f32(id.x));
  var b = a + 1;
  var c = a + 2;
  var d = a + 3;
  for (var i = 0u; i < rounds; i++) {
    a = twice(twice(a));
    b = twice(twice(b));
    c = twice(twice(c));
    d = twice(twice(d));
  }
  output[id.x] = a + b + c + d;
}

@compute @workgroup_size(64)
fn fma8(@builtin(global_invocation_id) id: vec3u) {
  var a = vec4f(f32(id.x));
  var b = a + 1;
  var c = a + 2;
  var d = a + 3;
  var e = a + 4;
  var f = a + 5;
  var g = a + 6;
  var h = a + 7;
  for (var i = 0u; i < rounds; i++) {
    a = twice(a);
    b = twice(b);
    c = twice(c);
    d = twice(d);
    e = twice(e);
    f = twice(f);
    g = twice(g);
    h = twice(h);
  }
  output[id.x] = a + b + c + d + e + f + g + h;
}

@compute @workgroup_size(64)
fn stream(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = arrayLength(&source);
  let threads = groups.x * 64;
  var sum = vec4f(0);
  for (var i = id.x; i < count; i += threads) {
    sum += source[i];
  }
  output[id.x] = sum;
}
