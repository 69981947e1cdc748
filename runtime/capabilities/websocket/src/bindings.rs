wasmtime::component::bindgen!({
    path: "../../../wit", world: "websocket-room",
    imports: { default: store | trappable, "connector:runtime/websocket.send": async | store | trappable },
    exports: { default: async | store },
    with: { "connector:runtime/types": contract::types },
});
