//! What `rmcp` reads messages from and writes them to: a queue each way. What it is fed is already read and bounded.
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::service::RoleServer;
use rmcp::transport::Transport;
use tokio::sync::mpsc;

/// Messages waiting each way for one client.
pub(crate) const QUEUE: usize = 16;

pub(crate) struct Pipe {
    pub incoming: mpsc::Receiver<ClientJsonRpcMessage>,
    /// `None` once closed.
    pub outgoing: Option<mpsc::Sender<ServerJsonRpcMessage>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the client is gone")]
pub(crate) struct Gone;

impl Transport<RoleServer> for Pipe {
    type Error = Gone;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Gone>> + Send + 'static {
        let outgoing = self.outgoing.clone();
        async move { outgoing.ok_or(Gone)?.send(message).await.map_err(|_| Gone) }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.incoming.recv().await
    }

    async fn close(&mut self) -> Result<(), Gone> {
        self.incoming.close();
        self.outgoing = None;
        Ok(())
    }
}
