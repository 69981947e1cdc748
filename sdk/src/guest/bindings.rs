//! Each room's bindings, generated once. An author's component takes the exports it names and the imports it calls.

pub mod types {
    wit_bindgen::generate!({
        path: "../wit", world: "types-room", generate_unused_types: true,
    });
}

pub mod lifecycle {
    wit_bindgen::generate!({
        path: "../wit", world: "lifecycle-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
        pub_export_macro: true, export_macro_name: "__export_lifecycle",
        default_bindings_module: "sdk::guest::bindings::lifecycle",
    });
}

pub mod log {
    wit_bindgen::generate!({ path: "../wit", world: "log-room" });
}

pub mod status {
    wit_bindgen::generate!({ path: "../wit", world: "status-room" });
}

pub mod secrets {
    wit_bindgen::generate!({ path: "../wit", world: "secrets-room" });
}

pub mod timers {
    wit_bindgen::generate!({
        path: "../wit", world: "timers-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
        pub_export_macro: true, export_macro_name: "__export_timers",
        default_bindings_module: "sdk::guest::bindings::timers",
    });
}

pub mod websocket {
    wit_bindgen::generate!({
        path: "../wit", world: "websocket-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
        pub_export_macro: true, export_macro_name: "__export_websocket",
        default_bindings_module: "sdk::guest::bindings::websocket",
    });
}

pub mod http {
    wit_bindgen::generate!({
        path: "../wit", world: "http-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
    });
}

pub mod publish {
    wit_bindgen::generate!({ path: "../wit", world: "publish-room" });
}

pub mod store {
    wit_bindgen::generate!({ path: "../wit", world: "store-room" });
}

pub mod crypto {
    wit_bindgen::generate!({ path: "../wit", world: "crypto-room" });
}

pub mod agent {
    wit_bindgen::generate!({
        path: "../wit", world: "agent-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
        pub_export_macro: true, export_macro_name: "__export_agent",
        default_bindings_module: "sdk::guest::bindings::agent",
    });
}

pub mod tools {
    wit_bindgen::generate!({
        path: "../wit", world: "tools-room",
        with: { "connector:runtime/types@0.1.0": crate::guest::bindings::types::connector::runtime::types },
        pub_export_macro: true, export_macro_name: "__export_tools",
        default_bindings_module: "sdk::guest::bindings::tools",
    });
}
