// Builds the adapter: componentize-js combines it with an engine, and `manifest.toml` is embedded in the component.
import { readFile, writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';

const output = '{{name}}.wasm';
const { component } = await componentize({
  sourcePath: '{{world}}.js',
  witPath: 'wit',
  worldName: '{{world}}-adapter',
});
const manifest = await readFile('manifest.toml');
await writeFile(output, Buffer.concat([component, section('codewalk:manifest', manifest)]));
console.log(output);

/** Returns a custom section of a component. */
function section(name, data) {
  const body = Buffer.concat([leb128(name.length), Buffer.from(name), data]);
  return Buffer.concat([Buffer.from([0]), leb128(body.length), body]);
}

/** Returns a number in WebAssembly's encoding. */
function leb128(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) + 128);
  return Buffer.from([...bytes, number]);
}
