"""中山: national transactions as Zhongshan's systems send them; its reconciliation is Foshan's."""
