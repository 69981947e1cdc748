wasmtime::component::bindgen!({
    path: "../../../wit", world: "agent-room",
    imports: { default: async | store | trappable },
    exports: { default: async | store },
    with: { "connector:runtime/types": contract::types },
    additional_derives: [Clone, PartialEq],
});
