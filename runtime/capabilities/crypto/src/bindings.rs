wasmtime::component::bindgen!({
    path: "../../../wit", world: "crypto-room",
    imports: {
        default: store | trappable,
        "connector:runtime/crypto.ensure": async | store | trappable,
        "connector:runtime/crypto.keys": async | store | trappable,
        "connector:runtime/crypto.forget": async | store | trappable,
        "connector:runtime/crypto.sign": async | store | trappable,
        "connector:runtime/crypto.verify-tag": async | store | trappable,
    },
});
