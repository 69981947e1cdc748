wasmtime::component::bindgen!({
    path: "../../wit", world: "lifecycle-room",
    exports: {
        "connector:runtime/lifecycle.describe": async,
        "connector:runtime/lifecycle.start": async | store,
        "connector:runtime/lifecycle.stop": async | store,
    },
    additional_derives: [serde::Serialize, serde::Deserialize],
    with: { "connector:runtime/types": contract::types },
});
