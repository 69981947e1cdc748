//! The agent that says again what it was told: step by step what the runtime's does, without tickets that survive.
use ports::mailbox::{Closed, Mailbox};
use sdk::agent::{Accepted, Delta, Inbound, Reply, ReplyEvent, Ticket};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// Keys kept to know a duplicate by, as many as in the runtime.
const KEYS: usize = 10_000;

/// One reply on its way: its place in its ticket, and what it says.
#[derive(Clone)]
pub struct Said {
    pub sequence: u64,
    pub reply: Arc<ReplyEvent>,
}

pub struct Desk {
    mailbox: Mailbox<Said>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    tickets: u64,
    keys: HashMap<String, Ticket>,
    key_order: VecDeque<String>,
    /// A conversation in here has a task that works on it.
    conversations: HashMap<String, VecDeque<(Ticket, Inbound)>>,
}

impl Desk {
    pub fn new(mailbox: Mailbox<Said>) -> Rc<Self> {
        Rc::new(Self { mailbox, state: RefCell::default() })
    }

    /// Each key once; messages of one conversation one after the other.
    pub fn accept(self: &Rc<Self>, inbound: Inbound) -> Accepted {
        let state = &mut *self.state.borrow_mut();
        if let Some(ticket) = state.keys.get(&inbound.key) {
            return Accepted::Duplicate(ticket.clone());
        }
        let ticket = state.ticket_for(inbound.key.clone());
        let conversation = inbound.conversation.clone();
        let job = (ticket.clone(), inbound);
        match state.conversations.get_mut(&conversation) {
            Some(waiting) => waiting.push_back(job),
            None => {
                state.conversations.insert(conversation.clone(), VecDeque::from([job]));
                tokio::task::spawn_local(self.clone().work(conversation));
            }
        }
        Accepted::New(ticket)
    }

    async fn work(self: Rc<Self>, conversation: String) {
        while let Some((ticket, inbound)) = self.next_of(&conversation) {
            if self.answer(ticket, inbound).await.is_err() {
                return;
            }
        }
    }

    fn next_of(&self, conversation: &str) -> Option<(Ticket, Inbound)> {
        let mut state = self.state.borrow_mut();
        let next = state.conversations.get_mut(conversation).and_then(VecDeque::pop_front);
        if next.is_none() {
            state.conversations.remove(conversation);
        }
        next
    }

    /// The pieces, and the blocks that the runtime cuts out of them.
    async fn answer(&self, ticket: Ticket, inbound: Inbound) -> Result<(), Closed> {
        let Inbound { conversation, to, context, sender, text, progress, .. } = inbound;
        let label = format!("{}, you said:", sender.label);
        let whole = format!("{label}\n\n{text}");
        let replies = [
            Reply::Started,
            Reply::Delta(Delta::Append(whole.clone())),
            Reply::Block(label),
            Reply::Block(text),
            Reply::Final(whole),
        ];
        let told = |reply: &Reply| progress || !matches!(reply, Reply::Started | Reply::Delta(_));
        for (sequence, reply) in (0..).zip(replies.into_iter().filter(told)) {
            let bytes = context.len() + bytes(&reply);
            let (ticket, conversation) = (ticket.clone(), conversation.clone());
            let reply = ReplyEvent { ticket, conversation, to: to.clone(), context: context.clone(), reply };
            self.mailbox.deliver(Said { sequence, reply: Arc::new(reply) }, bytes).await?;
        }
        Ok(())
    }
}

impl State {
    fn ticket_for(&mut self, key: String) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(format!("bench-{}", self.tickets));
        if self.key_order.len() >= KEYS
            && let Some(oldest) = self.key_order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        self.key_order.push_back(key.clone());
        self.keys.insert(key, ticket.clone());
        ticket
    }
}

fn bytes(reply: &Reply) -> usize {
    match reply {
        Reply::Delta(Delta::Append(text)) | Reply::Block(text) | Reply::Final(text) => text.len(),
        _ => 0,
    }
}
