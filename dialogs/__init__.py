"""The conversations: a waterfall engine, the intake it carries, and all else that can be said."""
