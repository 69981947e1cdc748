wasmtime::component::bindgen!({
    path: "../../../wit", world: "store-room",
    imports: { default: async | store | trappable },
    additional_derives: [Clone, PartialEq],
});
