wasmtime::component::bindgen!({
    path: "../../../wit", world: "http-room",
    imports: { default: async | store | trappable },
    with: { "connector:runtime/types": contract::types },
});
