// TensorFlow.js' part of graphs_everywhere.py:
//     node graphs_everywhere.mjs FOLDER_OF_TFJS FOLDER_OF_SAMPLES make|check [PART_OF_A_NAME]
// `make` saves models that TensorFlow.js makes, with an input and the output; `check` opens what Ceratops wrote.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [modules, folder, task, wanted = ''] = process.argv.slice(2);
console.warn = () => {};
const tf = createRequire(path.resolve(modules) + '/')('@tensorflow/tfjs');
await tf.setBackend('cpu');

// The largest difference between outputs, as a part of them.
const TOLERANCE = 1e-5;
const list = (value) => (Array.isArray(value) ? value : [value]);
const readJson = (...parts) => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));
const bytesOf = (tensor) => Buffer.from(new Float32Array(tensor.dataSync()).buffer);

function floats(file) {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function fromFolder(web) {
  return tf.loadLayersModel({
    load: async () => tf.io.getModelArtifactsForJSON(readJson(web, 'model.json'), async (manifest) => {
      const shards = manifest.flatMap((group) => group.paths).map((name) => fs.readFileSync(path.join(web, name)));
      return [manifest.flatMap((group) => group.weights), new Uint8Array(Buffer.concat(shards)).buffer];
    }),
  });
}

const toFolder = (web) => tf.io.withSaveHandler(async ({ weightData, weightSpecs, ...rest }) => {
  fs.mkdirSync(web, { recursive: true });
  fs.writeFileSync(path.join(web, 'weights.bin'), Buffer.from(weightData));
  const document = { ...rest, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
  fs.writeFileSync(path.join(web, 'model.json'), JSON.stringify(document));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
});

const { layers } = tf;
const dense = (units, name, rest = {}) => layers.dense({ units, name, biasInitializer: 'randomNormal', ...rest });
const input = (name, ...shape) => tf.input({ name, shape });
const model = (inputs, outputs, name) => tf.model({ inputs, outputs, name });

function tower(name) {
  const x = input(`${name}_in`, 4);
  return model(x, dense(4, `${name}_last`).apply(dense(5, `${name}_first`, { activation: 'tanh' }).apply(x)), name);
}

const chain = (name) => tf.sequential({ name, layers: [dense(4, `${name}_d`, { inputShape: [4], activation: 'sigmoid' })] });

const GRAPHS = {
  residual() {
    const x = input('x', 8, 8, 3);
    const h = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', useBias: false, name: 'c' }).apply(x);
    const sum = layers.add({ name: 'sum' }).apply([x, layers.batchNormalization({ name: 'b' }).apply(h)]);
    return model(x, dense(2, 'y').apply(layers.flatten({ name: 'f' }).apply(sum)));
  },
  two_inputs() {
    const [a, b] = [input('a', 4), input('b', 3)];
    return model([b, a], dense(2, 'y').apply(layers.concatenate().apply([dense(5, 'd').apply(a), b])));
  },
  two_outputs() {
    const x = input('x', 4);
    const h = dense(5, 'h', { activation: 'elu' }).apply(x);
    return model(x, [dense(3, 'kind', { activation: 'softmax' }).apply(h), dense(1, 'size').apply(h)]);
  },
  shared_twice() {
    const [a, b, shared] = [input('a', 4), input('b', 4), dense(5, 'shared')];
    return model([a, b], layers.dot({ axes: -1, normalize: true }).apply([shared.apply(a), shared.apply(b)]));
  },
  in_a_row() {
    const [x, a, b] = [input('x', 4), dense(4, 'a', { activation: 'tanh' }), dense(4, 'b')];
    return model(x, a.apply(b.apply(a.apply(b.apply(x)))));
  },
  overtaken() {
    // TensorFlow.js itself opens its file of this as another model.
    const [x, a, b] = [input('x', 4), dense(4, 'a', { activation: 'tanh' }), dense(4, 'b', { activation: 'sigmoid' })];
    const first = a.apply(b.apply(x));
    const second = b.apply(a.apply(x));
    return model(x, layers.concatenate({ name: 'y' }).apply([second, first]));
  },
  only_some_calls() {
    // Calls outside the model are not saved, and those that are count anew.
    const [x, a] = [input('x', 4), dense(4, 'a', { activation: 'tanh' })];
    a.apply(input('elsewhere', 4));
    return model(x, layers.add({ name: 's' }).apply([a.apply(x), a.apply(a.apply(x))]));
  },
  merges() {
    const [a, b] = [input('a', 5), input('b', 5)];
    const parts = ['add', 'multiply', 'average', 'maximum', 'minimum'].map((kind) => layers[kind]({ name: kind }).apply([a, b, a]));
    return model([a, b], layers.concatenate({ axis: 1, name: 'all' }).apply(parts));
  },
  merges_of_other_shapes() {
    const [a, b, c] = [input('a', 4, 5), input('b', 1, 5), input('c', 5)];
    return model([a, b, c], [layers.add().apply([a, b]), layers.multiply().apply([a, c])]);
  },
  concatenations() {
    const [a, b] = [input('a', 4, 5), input('b', 4, 5)];
    const rows = layers.concatenate({ axis: 1, name: 'rows' }).apply([a, b]);
    return model([a, b], [rows, layers.concatenate({ axis: -1, name: 'columns' }).apply([a, b, a])]);
  },
  dots() {
    const [a, b, c] = [input('a', 4, 5), input('b', 6, 5), input('c', 5)];
    const dot = (axes, ends, rest = {}) => layers.dot({ axes, ...rest }).apply(ends);
    return model([a, b, c], [dot(2, [a, b]), dot([2, 1], [a, c]), dot([1, 2], [c, b]), dot(-1, [a, b], { normalize: true }), dot(1, [c, c])]);
  },
  output_that_is_read() {
    const x = input('x', 4);
    const h = dense(3, 'h').apply(x);
    return model(x, [dense(2, 'y').apply(h), h]);
  },
  input_as_output() {
    const [a, b] = [input('a', 4), input('b', 4)];
    return model([a, b], [layers.add({ name: 's' }).apply([a, b]), b]);
  },
  frozen() {
    const x = input('x', 4);
    const h = dense(5, 'still', { trainable: false, activation: 'relu' }).apply(x);
    return model(x, layers.concatenate({ name: 'y' }).apply([h, dense(2, 'moves').apply(h)]));
  },
  nested_functional_twice() {
    const [a, b, inner] = [input('a', 4), input('b', 4), tower('inner')];
    return model([a, b], layers.average({ name: 'y' }).apply([inner.apply(a), inner.apply(b)]));
  },
  nested_sequential_twice() {
    const [x, inner] = [input('x', 4), chain('inner')];
    return model(x, layers.add({ name: 'y' }).apply([inner.apply(inner.apply(x)), x]));
  },
  nested_outputs() {
    const [x, one, two] = [input('x', 4), chain('one'), tower('two')];
    return model(x, [one.apply(x), two.apply(one.apply(x)), two.apply(x)]);
  },
  nested_of_several() {
    const [p, q, inner_sum] = [input('p', 4), input('q', 4), layers.add({ name: 's' })];
    const h = inner_sum.apply([p, q]);
    const inner = model([p, q], [dense(4, 'm').apply(h), dense(4, 'n').apply(h)], 'inner');
    const [x, z] = [input('x', 4), input('z', 4)];
    const [m, n] = inner.apply([x, z]);
    return model([z, x], inner.apply([n, m]));
  },
  nested_three_deep() {
    const [x, y, deepest] = [input('x', 4), input('y', 4), tower('deepest')];
    const middle = model(x, layers.add({ name: 's' }).apply([deepest.apply(x), x]), 'middle');
    return model(y, dense(2, 'last').apply(middle.apply(y)));
  },
  functional_in_sequential: () => tf.sequential({ layers: [dense(4, 'd', { inputShape: [3] }), GRAPHS.in_a_row(), dense(2, 'e')] }),
  functional_first_in_sequential: () => tf.sequential({ layers: [tower('inner'), dense(2, 'e')] }),
  recurrent() {
    const [x, s] = [input('steps', 5, 3), input('static', 4)];
    return model([x, s], layers.concatenate().apply([layers.lstm({ units: 4, name: 'cell' }).apply(x), s]));
  },
  convolutions() {
    const x = input('x', 8, 8, 3);
    const c = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'c' }).apply(x);
    const p = layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same', name: 'p' }).apply(x);
    const j = layers.concatenate({ name: 'j' }).apply([c, p]);
    const a = layers.prelu({ sharedAxes: [1, 2], name: 'a', alphaInitializer: 'randomNormal' }).apply(j);
    return model(x, [layers.softmax({ name: 's', axis: -1 }).apply(a), layers.reshape({ targetShape: [-1], name: 'r' }).apply(layers.leakyReLU({ name: 'l' }).apply(a))]);
  },
  masked() {
    const x = input('x', 4, 3);
    return model(x, dense(2, 'y').apply(layers.masking({ maskValue: 0, name: 'm' }).apply(x)));
  },
  trained_residual: () => trained(GRAPHS.residual()),
  trained_in_a_row: () => trained(GRAPHS.in_a_row()),
  trained_nested: () => trained(GRAPHS.nested_three_deep()),
  trained_frozen: () => trained(GRAPHS.frozen()),
};

const samples = (shapes) => shapes.map((shape) => tf.randomNormal([6, ...shape.slice(1).map((n) => n ?? 5)]));

async function step(made, x, y) {
  await made.fit(x, y, { batchSize: 3, epochs: 1, shuffle: false, verbose: 0 });
}

// Compiled, and trained for an epoch.
async function trained(made) {
  made.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  made.data = [...samples([made.inputs[0].shape]), ...samples([made.outputs[0].shape])];
  await step(made, ...made.data);
  return made;
}

async function make() {
  for (const [name, graph] of Object.entries(GRAPHS)) {
    if (!name.includes(wanted)) continue;
    const made = await graph();
    const place = path.join(folder, `tfjs.${name}`);
    fs.mkdirSync(place);
    await made.save(toFolder(path.join(place, 'made')), { includeOptimizer: made.data !== undefined });
    const xs = made.data ? [made.data[0]] : samples(made.inputs.map((x) => x.shape));
    const ys = list(made.predict(xs.length === 1 ? xs[0] : xs));
    xs.forEach((x, i) => fs.writeFileSync(path.join(place, `x${i}.bin`), bytesOf(x)));
    ys.forEach((y, i) => fs.writeFileSync(path.join(place, `y${i}.bin`), bytesOf(y)));
    const sample = { names: made.inputNames, x: xs.map((x) => x.shape), y: ys.map((y) => y.shape) };
    if (made.data) {
      fs.writeFileSync(path.join(place, 'labels.bin'), bytesOf(made.data[1]));
      await step(made, ...made.data);
      const named = made.getNamedWeights ? made.getNamedWeights() : made.weights.map((w) => ({ name: w.originalName, tensor: w.read() }));
      sample.weights = named.map((w) => w.name);
      fs.writeFileSync(path.join(place, 'after.bin'), Buffer.concat(named.map((w) => bytesOf(w.tensor))));
    }
    fs.writeFileSync(path.join(place, 'case.json'), JSON.stringify(sample));
  }
}

async function answered(place, sample) {
  const opened = await fromFolder(path.join(place, 'web'));
  const xs = sample.x.map((shape, i) => tf.tensor(floats(path.join(place, `x${i}.bin`)), shape));
  const ys = list(opened.predict(xs.length === 1 ? xs[0] : xs));
  if (String(ys.map((y) => y.shape)) !== String(sample.y)) return `shapes ${ys.map((y) => `[${y.shape}]`)}, not ${sample.y}`;
  let worst = 0;
  ys.forEach((y, i) => {
    const expected = floats(path.join(place, `y${i}.bin`));
    y.dataSync().forEach((v, j) => { worst = Math.max(worst, Math.abs(v - expected[j]) / (1 + Math.abs(expected[j]))); });
  });
  return worst <= TOLERANCE ? '' : `off by ${worst}`;
}

async function check() {
  let failed = 0, right = 0, told = 0;
  for (const name of fs.readdirSync(folder).sort()) {
    const place = path.join(folder, name);
    if ('tfjs' in readJson(place, 'refused.json')) continue;
    const notes = path.join(place, 'tfjs.notes');
    const said = fs.existsSync(notes) ? fs.readFileSync(notes, 'utf8') : '';
    let fault;
    try {
      fault = await answered(place, readJson(place, 'case.json'));
    } catch (error) {
      if (said.includes('TensorFlow.js refuses')) { told += 1; continue; }
      fault = error.message.slice(0, 300);
    }
    if (fault) { failed += 1; console.log(`TensorFlow.js ${name}: ${fault}`); } else right += 1;
  }
  console.log(`TensorFlow.js ${tf.version.tfjs}: ${right} right, ${told} not computed, as was said`);
  return failed;
}

if (task === 'make') await make();
else process.exit((await check()) > 0 ? 1 : 0);
