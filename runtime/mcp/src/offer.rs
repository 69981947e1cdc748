//! What `rmcp` asks of a server, answered from a desk: one per session.
use crate::desk::Desk;
use crate::message::{Arguments, VERSIONS};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{RoleServer, ServerHandler};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone)]
pub(crate) struct Offer {
    desk: Arc<Desk>,
    told: Told,
}

/// The version of the tools that a client knows of.
#[derive(Clone)]
pub(crate) struct Told(Arc<AtomicU64>);

impl Told {
    pub fn new(version: u64) -> Self {
        Self(Arc::new(AtomicU64::new(version)))
    }

    /// Says it; whether it is new to the client.
    pub fn tell(&self, version: u64) -> bool {
        self.0.swap(version, Ordering::Relaxed) != version
    }
}

impl Offer {
    pub fn new(desk: Arc<Desk>) -> Self {
        let told = Told::new(*desk.changes().borrow());
        Self { desk, told }
    }

    pub fn told(&self) -> Told {
        self.told.clone()
    }
}

impl ServerHandler for Offer {
    fn get_info(&self) -> ServerConfig {
        let tools = ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build();
        let server = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let newest = ProtocolVersion::LATEST_WITH_INITIALIZE;
        ServerConfig::new(tools).with_server_info(server).with_protocol_version(newest)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(VERSIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let shelf = self.desk.shelf()?;
        self.told.tell(shelf.version);
        let tool = |tool: &crate::Tool| {
            let named = Tool::new(tool.name.clone(), tool.description.clone(), tool.arguments.clone());
            match &tool.title {
                Some(title) => named.with_title(title.clone()),
                None => named,
            }
        };
        Ok(ListToolsResult::with_all_items(shelf.tools().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Arguments(arguments) = context.extensions.remove().unwrap_or_default();
        tokio::select! {
            result = self.desk.call(&request.name, arguments) => result.map(Into::into),
            // Nobody gets this answer.
            () = context.ct.cancelled() => Err(ErrorData::internal_error("cancelled", None)),
        }
    }

    async fn on_initialized(&self, _context: NotificationContext<RoleServer>) {}
}
