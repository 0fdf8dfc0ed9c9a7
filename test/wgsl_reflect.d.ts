// The module that Node can load has no types beside it; they are those of the package.
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
