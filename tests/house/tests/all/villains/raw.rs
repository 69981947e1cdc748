//! What must become of each component that no SDK would make.
use super::Raw;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Never starts; these words are among the reasons.
    Refused(&'static str),
    /// Never starts: its compiler is out of time, of memory or of stack, whichever comes first.
    Bomb,
    /// A word for the cause, and how the door is called.
    Dies(&'static str, &'static str),
    /// Gets its share of the CPU and no more.
    Slowed,
    /// Compiles where the machine has time for it; then it lives.
    Heavy,
    /// There is nothing wrong with it that would hurt anybody.
    Lives,
}

pub const BOMBS: [&str; 3] =
    ["it took longer than", "it needed more than", "the process that worked on it broke"];

/// Each file of `tests/adversaries/src/cases` has its line here, or this does not compile.
pub fn fate(raw: Raw) -> Fate {
    use Raw as R;
    match raw {
        R::DeepLoops
        | R::DeepNesting
        | R::DeepTypes
        | R::DeeplyNestedComponents
        | R::InstanceExplosion
        | R::LiveInAllLoops
        | R::ManyElements
        | R::ManyLocals
        | R::MillionFunctions => Fate::Bomb,
        R::HugeBrTable => Fate::Heavy,
        R::EscapesInStartError => Fate::Dies("configuration", "start"),
        R::ArgumentOutOfBounds
        | R::BadDiscriminant
        | R::ForeignHandle
        | R::ForeignJoin
        | R::ForeignWaitableSet
        | R::FutureDroppedUnwritten
        | R::FutureDroppedWhileReading
        | R::FutureWithItself
        | R::LateResultOutOfBounds
        | R::ReallocOutOfBounds
        | R::ReallocUnaligned
        | R::UseAfterDrop => Fate::Dies("contract", "start"),
        R::BadDisposition => Fate::Dies("contract", "timers on-fire"),
        R::LoopByTailCalls
        | R::LoopInPostReturnOfStart
        | R::LoopInRealloc
        | R::LoopInStart
        | R::SpinInCallback => Fate::Dies("cpu", "start"),
        R::LoopInStop => Fate::Dies("cpu", "stop"),
        R::SpinInCallbackOfHandler => Fate::Dies("cpu", "timers on-fire"),
        R::TaskNeverReturns | R::ThreadYieldForever | R::WaitInFunction | R::YieldForever => {
            Fate::Dies("deadline", "start")
        }
        R::StopNeverReturns | R::YieldForeverInStop => Fate::Dies("deadline", "stop"),
        R::HandlerNeverReturns
        | R::ThreadYieldForeverInHandler
        | R::WaitInFunctionOfHandler
        | R::YieldForeverInHandler => Fate::Dies("deadline", "timers on-fire"),
        R::BackpressureForever => Fate::Dies("deaf", "timers on-fire"),
        R::FutureFlood | R::ResourceFlood | R::SubtaskFlood | R::WaitableSetFlood => {
            Fate::Dies("handles", "start")
        }
        R::PingpongAfterReturn
        | R::PingpongInHandler
        | R::PingpongSlow
        | R::YieldForeverAfterHandler
        | R::YieldForeverAfterReturn => Fate::Slowed,
        R::TasksPileUp => Fate::Dies("handles", "timers on-fire"),
        R::BigBirth => Fate::Dies("memory", "instantiation"),
        R::GrowMemory | R::GrowMemoryMany => Fate::Dies("memory", "start"),
        R::TrapInPostReturnOfStart | R::TrapInRealloc => Fate::Dies("panic", "start"),
        R::TrapInStop => Fate::Dies("panic", "stop"),
        R::TrapInCallback => Fate::Dies("panic", "timers on-fire"),
        R::DeepRecursion => Fate::Dies("stack", "start"),
        R::GrowTable => Fate::Dies("table", "start"),
        R::BackpressureOverflow
        | R::CancelTwice
        | R::DropUnfinishedSubtask
        | R::ExitWithoutReturn
        | R::FutureReadTwice
        | R::ImportCalledInRealloc
        | R::ReturnInRealloc
        | R::ReturnOfAnother
        | R::ReturnTwice
        | R::UnknownCallbackCode
        | R::WaitInRealloc => Fate::Dies("trap", "start"),
        R::SetDroppedUnderWaiter => Fate::Dies("trap", "timers on-fire"),
        R::HugeData
        | R::LeaveSubtasks
        | R::NestedComponents
        | R::Nops
        | R::StreamOutOfBounds
        | R::TailCalls
        | R::WrongTypeOfStart => Fate::Lives,
        R::ErrorContext => {
            Fate::Refused("`error-context.new` requires the component model error-context feature")
        }
        R::ComponentThreads => Fate::Refused("`thread.index` requires the component model threading feature"),
        R::ImportFlood => Fate::Refused("more, which no connector may have"),
        R::CoreModule => Fate::Refused("attempted to parse a wasm module with a component parser"),
        R::WrongTypeOfFunction => {
            Fate::Refused("broke its contract with the runtime: expected `record` found `string`")
        }
        R::BadUtf8 => Fate::Refused(
            "broke its contract with the runtime: invalid utf-8 sequence of 1 bytes from index 1",
        ),
        R::BadListLength => {
            Fate::Refused("broke its contract with the runtime: list pointer/length out of bounds of memory")
        }
        R::ResultOutOfBounds => {
            Fate::Refused("broke its contract with the runtime: pointer out of bounds of memory")
        }
        R::ResultUnaligned => {
            Fate::Refused("broke its contract with the runtime: return pointer not aligned")
        }
        R::ImportCalledInDescribe => Fate::Refused("called an import that it was not given"),
        R::StackSwitching => {
            Fate::Refused("cannot define continuation types when stack switching is disabled")
        }
        R::EmptyLifecycle => Fate::Refused("does not have export"),
        R::EscapesInNames => Fate::Refused("duplicate export name `\\u{1b}"),
        R::HugeBrTableRefused => Fate::Refused("exceeds the implementation limit"),
        R::Exceptions => Fate::Refused("exceptions proposal not enabled"),
        R::FunctionReferences => Fate::Refused("function references support is not enabled"),
        R::GcI31 => Fate::Refused("gc support is not enabled"),
        R::GcExternref => Fate::Refused("gc types are disallowed but found type which requires gc"),
        R::ManyMemories | R::NineHundredInstances => {
            Fate::Refused("has more parts (core instances, memories or tables) than its limit")
        }
        R::FutureFloodInDescribe | R::ResourceFloodInDescribe | R::WaitableSetFloodInDescribe => {
            Fate::Refused("held more handles than its limit")
        }
        R::UnknownImport => Fate::Refused("instance export `go` has the wrong type"),
        R::WrongTypeOfImport => Fate::Refused("instance export `now` has the wrong type"),
        R::UnknownFunctionInKnownInterface => Fate::Refused("instance export `travel` has the wrong type"),
        R::ManyInstances => Fate::Refused("instances count exceeds limit of 1000"),
        R::Memory64Initial => Fate::Refused("invalid var_u32: integer representation too long"),
        R::MissingLifecycle | R::WrongWorld => {
            Fate::Refused("it exports no connector:runtime/lifecycle: it is not a connector")
        }
        R::ImportModule => Fate::Refused("it imports engine which no connector may have"),
        R::ImportFunctionAtTopLevel => Fate::Refused("it imports now which no connector may have"),
        R::WasiPreopens => {
            Fate::Refused("it imports wasi:filesystem/preopens@0.2.0 which no connector may have")
        }
        R::WasiFilesystem => {
            Fate::Refused("it imports wasi:filesystem/types@0.2.0 which no connector may have")
        }
        R::WasiHttp => {
            Fate::Refused("it imports wasi:http/outgoing-handler@0.2.0 which no connector may have")
        }
        R::WasiSockets => {
            Fate::Refused("it imports wasi:sockets/instance-network@0.2.0 which no connector may have")
        }
        R::OtherVersion => Fate::Refused(
            "it was built for connector:runtime/lifecycle@0.2.0; this runtime has connector:runtime/lif",
        ),
        R::ImportOfOtherVersion => Fate::Refused(
            "it was built for connector:runtime/lifecycle@9.0.0; this runtime has connector:runtime/lif",
        ),
        R::EscapesInDescriptor => Fate::Refused("its descriptor is wrong: id"),
        R::LoopInDescribe
        | R::LoopInInit
        | R::LoopInPostReturn
        | R::LoopInStartFunction
        | R::SlowBirth
        | R::YieldAtBirth
        | R::YieldInDescribe => Fate::Refused("kept the CPU longer than its budget without waiting"),
        R::ExceptionsLegacy => Fate::Refused("legacy_exceptions feature required for try instruction"),
        R::Text => Fate::Refused("magic header not detected"),
        R::Garbage => Fate::Refused("malformed section id"),
        R::ManyGlobals => Fate::Refused("memory"),
        R::Memory64 => Fate::Refused("memory64 must be enabled for 64-bit memories"),
        R::TrapInPostReturn | R::TrapInStartFunction => Fate::Refused("panicked"),
        R::HugeDescriptor | R::ManyHints | R::RepeatedStrings => {
            Fate::Refused("passed more bytes in one host call than its limit")
        }
        R::GcSubtypes | R::GcSubtypesInStart => {
            Fate::Refused("rec group usage requires `gc` proposal to be enabled")
        }
        R::RelaxedSimd => Fate::Refused("relaxed SIMD support is not enabled"),
        R::StackfulLift => Fate::Refused("requires the component model async stackful feature"),
        R::ImportWithOurPrefix => Fate::Refused("root-level component imports are not supported"),
        R::Gc => Fate::Refused("struct indexed types not supported without the gc feature"),
        R::DescribeNeverReturns | R::DescribeYieldsForever => {
            Fate::Refused("the `async` canonical option requires an async function type")
        }
        R::CustomPageSizes => {
            Fate::Refused("the custom page sizes proposal must be enabled to customize a memory's page size")
        }
        R::OverTheFileLimit => Fate::Refused("the most that a component may have"),
        R::SharedMemory => Fate::Refused("threads must be enabled for shared memories"),
        R::Atomics => Fate::Refused("threads support is not enabled"),
        R::WaitAtBirth | R::WaitInDescribe => {
            Fate::Refused("trapped: wasm trap: cannot block a synchronous task before returning")
        }
        R::ReturnInPostReturn => Fate::Refused("trapped: wasm trap: cannot leave component instance"),
        R::BackpressureAtBirth => {
            Fate::Refused("trapped: wasm trap: deadlock detected: event loop cannot make further progress")
        }
        R::ReturnAtBirth | R::ReturnInDescribe => Fate::Refused(
            "trapped: wasm trap: invalid `task.return` signature and/or options for current task",
        ),
        R::EmptyFile | R::Truncated => Fate::Refused("unexpected end-of-file"),
        R::BigInitialMemory | R::MultiMemory => Fate::Refused("wanted more memory than its limit"),
        R::BigInitialTable | R::TableBomb => Fate::Refused("wanted more table elements than its limit"),
        R::WideArithmetic => Fate::Refused("wide arithmetic support is not enabled"),
    }
}
