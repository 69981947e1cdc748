use crate::gateway::*;
use sdk::{Connector, StartError};

#[test]
fn a_wrong_configuration_names_every_key() {
    let config = json!({ "gatewayUrl": "http://a", "methods": ["connect"] });
    let Err(StartError::Configuration(how)) = Driver::<ControlCenter>::start(&host(), config) else {
        panic!()
    };
    assert!(
        how.contains("gatewayUrl: must begin with ws://") && how.contains("methods: \"connect\""),
        "{how}"
    );
}

#[test]
fn it_leaves_dialling_to_the_host() {
    let host = host();
    start_with(&host, json!({ "gatewayUrl": "wss://gateway.test/way/" }));
    let wanted =
        |call| if let Call::Subscribe { url, options, .. } = call { Some((url, options)) } else { None };
    let (url, options) = host.calls().into_iter().find_map(wanted).unwrap();
    assert_eq!(url, "wss://gateway.test/way");
    let backoff = options.backoff.unwrap();
    assert_eq!((backoff.first, backoff.most), (Duration::from_secs(1), Duration::from_secs(30)));
    assert_eq!(options.ready.unwrap().equals, "hello-ok");
    assert_eq!(ControlCenter::describe().tools.len(), 3);
}
