"""OmniChat: chat-commerce searches our catalogue, checks carts, provisions orders, and is told how they fare."""
