//! scratch
use ceratops::datasets::mnist;
use ceratops::prelude::*;

fn network(activation: impl Fn() -> Node) -> Sequential {
    sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(32, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        activation(),
        Flatten::new(),
        Dropout::new(0.4),
        Dense::new(64).activation("relu"),
        Dense::new(10).activation("softmax"),
    ]
    .unwrap()
}
#[test]
fn healthy() {
    let train = mnist::digits().unwrap().train;
    let (x, y) = (train.x.batch_slice(0..32).unwrap(), train.y.batch_slice(0..32).unwrap());
    let (x2, y2) = (train.x.batch_slice(0..256).unwrap(), train.y.batch_slice(0..256).unwrap());
    for act in [(|| PReLU::new().shared_axes([1, 2]).into()) as fn() -> Node, || ReLU::new().into()]
    {
        let mut model = network(act)
            .compile(Adam::new(0.0015), "sparse_categorical_crossentropy", "accuracy")
            .unwrap();
        println!("{}", model.diagnose_training(&x, &y).unwrap());
        for _ in 0..2 {
            let h =
                model.fit(&train.x, &train.y, FitOptions::new().epochs(1).batch_size(32)).unwrap();
            println!("{:?}", h.history);
            let t = std::time::Instant::now();
            println!("{}", model.diagnose_training(&x, &y).unwrap());
            println!("{:?}", t.elapsed());
            let t = std::time::Instant::now();
            println!("{}", model.diagnose_training(&x2, &y2).unwrap());
            println!("{:?}", t.elapsed());
        }
        let t = std::time::Instant::now();
        println!("{}", model.diagnose(&train.x).unwrap());
        println!("{:?}", t.elapsed());
        let t = std::time::Instant::now();
        model.predict(&train.x).unwrap();
        println!("predict {:?}", t.elapsed());
    }
}
