//! The macro that makes a component of a connector.

/// Exports a connector, with the rooms whose events it handles: `sdk::connector!(Parrot: websocket, agent);`
///
/// Name each room whose handler trait the struct implements (`agent`, `timers`, `tools`, `websocket`). Rooms that are
/// only called need no mention: using them imports them. Off wasm the macro makes nothing.
#[macro_export]
macro_rules! connector {
    ($connector:ty $(: $($room:ident),+)? $(,)?) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Exports;

            ::std::thread_local! {
                static RUNNING: $crate::guest::Cell<$connector> = const { $crate::guest::Cell::new() };
            }

            impl $crate::guest::exports::Lifecycle for Exports {
                fn describe() -> $crate::guest::exports::Descriptor {
                    $crate::guest::describe::<$connector>()
                }
                async fn start(
                    instance: $crate::guest::exports::Instance,
                    config: ::std::string::String,
                ) -> ::core::result::Result<(), $crate::guest::exports::StartError> {
                    $crate::guest::start(&RUNNING, instance, config).await
                }
                async fn stop(reason: $crate::guest::exports::StopReason) {
                    $crate::guest::stop(&RUNNING, reason).await
                }
            }
            $crate::guest::bindings::lifecycle::__export_lifecycle!(
                Exports with_types_in $crate::guest::bindings::lifecycle
            );
            $($($crate::__room!($room);)+)?
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __room {
    (websocket) => {
        impl $crate::guest::exports::Websocket for Exports {
            async fn on_open(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
                connection: u64,
                subprotocol: ::core::option::Option<::std::string::String>,
            ) -> $crate::guest::exports::Disposition {
                $crate::guest::running(&RUNNING).on_open(event.into(), name, connection, subprotocol).await.into()
            }
            async fn on_message(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
                frame: $crate::guest::exports::Frame,
            ) -> $crate::guest::exports::Disposition {
                $crate::guest::running(&RUNNING).on_message(event.into(), name, frame.into()).await.into()
            }
            async fn on_close(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
                reason: $crate::guest::exports::CloseReason,
                reconnect_in_ms: ::core::option::Option<u32>,
            ) -> $crate::guest::exports::Disposition {
                let reconnect_in = reconnect_in_ms.map($crate::guest::from_millis);
                $crate::guest::running(&RUNNING).on_close(event.into(), name, reason.into(), reconnect_in).await.into()
            }
        }
        $crate::guest::bindings::websocket::__export_websocket!(
            Exports with_types_in $crate::guest::bindings::websocket
        );
    };
    (timers) => {
        impl $crate::guest::exports::Timers for Exports {
            async fn on_fire(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
            ) -> $crate::guest::exports::Disposition {
                $crate::guest::running(&RUNNING).on_fire(event.into(), name).await.into()
            }
        }
        $crate::guest::bindings::timers::__export_timers!(Exports with_types_in $crate::guest::bindings::timers);
    };
    (agent) => {
        impl $crate::guest::exports::Agent for Exports {
            async fn on_reply(
                event: $crate::guest::exports::Event,
                reply: $crate::guest::exports::ReplyEvent,
            ) -> $crate::guest::exports::Disposition {
                $crate::guest::running(&RUNNING).on_reply(event.into(), reply.into()).await.into()
            }
            async fn on_outbound(
                event: $crate::guest::exports::Event,
                message: $crate::guest::exports::Outbound,
            ) -> ::core::result::Result<$crate::guest::exports::Receipt, $crate::guest::exports::OutboundError> {
                let answer = $crate::guest::running(&RUNNING).on_outbound(event.into(), message.into()).await;
                answer.map(::core::convert::Into::into).map_err(::core::convert::Into::into)
            }
        }
        $crate::guest::bindings::agent::__export_agent!(Exports with_types_in $crate::guest::bindings::agent);
    };
    (tools) => {
        impl $crate::guest::exports::Tools for Exports {
            async fn call(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
                arguments: ::std::string::String,
            ) -> ::core::result::Result<::std::string::String, $crate::guest::exports::ToolError> {
                let answer = $crate::guest::running(&RUNNING).call(event.into(), name, arguments).await;
                answer.map(|json| ::std::string::ToString::to_string(&json)).map_err(::core::convert::Into::into)
            }
            async fn command(
                event: $crate::guest::exports::Event,
                name: ::std::string::String,
                arguments: ::std::string::String,
            ) -> ::core::result::Result<::std::string::String, $crate::guest::exports::ToolError> {
                let answer = $crate::guest::running(&RUNNING).command(event.into(), name, arguments).await;
                answer.map_err(::core::convert::Into::into)
            }
        }
        $crate::guest::bindings::tools::__export_tools!(Exports with_types_in $crate::guest::bindings::tools);
    };
}
