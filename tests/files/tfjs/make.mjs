// Makes the functional models in this folder, with inputs and outputs: node make.mjs FOLDER_OF_TFJS
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const tf = createRequire(path.resolve(process.argv[2]) + '/')('@tensorflow/tfjs');
await tf.setBackend('cpu');
const { layers } = tf;
const here = import.meta.dirname;
const input = (name, ...shape) => tf.input({ name, shape });
let seed = 0;
const drawn = () => tf.initializers.randomNormal({ mean: 0, stddev: 0.5, seed: ++seed });
const dense = (units, name, rest = {}) =>
  layers.dense({ units, name, kernelInitializer: drawn(), biasInitializer: drawn(), ...rest });

function shared() {
  const [x, a, b] = [input('x', 4), dense(4, 'a', { activation: 'tanh' }), dense(4, 'b', { trainable: false })];
  const first = a.apply(b.apply(x));
  const last = a.apply(b.apply(first));
  return tf.model({ inputs: x, outputs: [last, first, x], name: 'shared' });
}

function merges() {
  const [a, b] = [input('a', 3, 4), input('b', 3, 4)];
  const kinds = ['add', 'multiply', 'average', 'maximum', 'minimum'];
  const parts = kinds.map((name) => layers[name]({ name }).apply([a, b]));
  const all = layers.concatenate({ axis: 1, name: 'all' }).apply(parts);
  const flat = layers.reshape({ targetShape: [-1], name: 'flat' }).apply(all);
  const products = layers.dot({ axes: -1, normalize: true, name: 'products' }).apply([a, b]);
  return tf.model({ inputs: [b, a], outputs: [flat, products], name: 'merges' });
}

function nested() {
  const [p, q] = [input('p', 3), input('q', 3)];
  const sum = layers.add({ name: 'sum' }).apply([p, q]);
  const pair = tf.model({ inputs: [p, q], outputs: [dense(3, 'm').apply(sum), dense(3, 'n').apply(sum)], name: 'pair' });
  const chain = tf.sequential({ name: 'chain', layers: [dense(3, 'c', { inputShape: [3], activation: 'sigmoid' })] });
  const [x, z] = [input('x', 3), input('z', 3)];
  const [m, n] = pair.apply([x, chain.apply(z)]);
  const [, again] = pair.apply([n, m]);
  return tf.model({ inputs: [x, z], outputs: [chain.apply(again), m], name: 'nested' });
}

async function trained() {
  const x = input('x', 4);
  const h = dense(4, 'h', { activation: 'tanh' }).apply(x);
  const y = dense(2, 'y').apply(layers.add({ name: 's' }).apply([h, x]));
  const model = tf.model({ inputs: x, outputs: y, name: 'trained' });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  await model.fit(tf.linspace(-1, 1, 24).reshape([6, 4]), tf.ones([6, 2]), { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 });
  return model;
}

const written = (tensor) => ({ shape: tensor.shape, values: Array.from(tensor.dataSync()) });
for (const make of [shared, merges, nested, trained]) {
  const model = await make();
  const folder = path.join(here, make.name);
  fs.mkdirSync(folder, { recursive: true });
  await model.save(tf.io.withSaveHandler(async ({ weightData, weightSpecs, ...rest }) => {
    fs.writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(weightData));
    const document = { ...rest, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify(document) + '\n');
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  }), { includeOptimizer: true });
  const wave = (shape, k) => tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => 2 * Math.sin(0.37 * i + k)), shape);
  const xs = model.inputs.map((x, k) => wave([2, ...x.shape.slice(1)], k));
  const ys = model.predict(xs.length === 1 ? xs[0] : xs);
  const expected = { x: xs.map(written), y: [ys].flat().map(written) };
  fs.writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected) + '\n');
}
