//! x
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let nodes = args
        .iter()
        .zip(args.iter().skip(1))
        .filter(|(a, _)| *a == "--upstream")
        .map(|(_, b)| anomaly_gateway::upstream::NodeUrl::parse(b).unwrap())
        .collect();
    let plan = anomaly_gateway::server::Plan {
        listen: "127.0.0.1:0".parse().unwrap(),
        nodes,
        job_index: Default::default(),
        api: None,
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    anomaly_gateway::server::run(plan).unwrap();
}
