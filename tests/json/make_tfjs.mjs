// Makes the documents of TensorFlow.js in tests/json: node make_tfjs.mjs FOLDER_OF_TFJS
import fs from 'fs';
import path from 'path';
import { createRequire } from 'module';
import { fileURLToPath } from 'url';

const tf = createRequire(path.resolve(process.argv[2]) + '/')('@tensorflow/tfjs');
const here = path.dirname(fileURLToPath(import.meta.url));
const save = (name, model) => fs.writeFileSync(path.join(here, name), model.toJSON() + '\n');
const { dense, conv2d, leakyReLU, flatten } = tf.layers;

const x = tf.input({ shape: [6, 6, 1], name: 'image' });
const c = conv2d({ filters: 2, kernelSize: 3, name: 'c' }).apply(x);
const l = leakyReLU({ alpha: 0.5, name: 'l' }).apply(c);
const d = dense({ units: 3, name: 'd', activation: 'hardSigmoid' }).apply(flatten({ name: 'f' }).apply(l));
save('graphs/tfjs_chain.json', tf.model({ inputs: x, outputs: d, name: 'chain' }));
save('graphs/tfjs_outputs.json', tf.model({ inputs: x, outputs: [d, c], name: 'outputs' }));

const inner = tf.sequential({ name: 'Sequential' });
inner.add(dense({ units: 2, inputShape: [3], name: 'dense' }));
inner.add(leakyReLU({ alpha: 0.5, name: 'leaky' }));
const outer = tf.sequential({ name: 'sequential' });
outer.add(dense({ units: 3, inputShape: [4], name: 'first' }));
outer.add(inner);
outer.add(tf.layers.softmax({ name: 'last' }));
save('tfjs_nested.json', outer);
